"""Which tests prove which case of the bypass corpus, on which transport: a table that is held to the tests there are.

Source: design, bypass corpus; each name below is one of its cases in its own words.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent  # tests/catalog
MESSAGES = "gateway/bypass/test_messages.py::test_no_message_has_an_effect_that_the_policy_forbids"
READER = "gateway/test_message.py::test_what_could_be_read_in_two_ways_is_refused"
SPENT = "gateway/bypass/test_messages.py::test_a_cap_holds_for_what_truly_was_spent"

# Tests in this folder run over stdio and over HTTP in both eras, and count by the effects that truly happened.
CORPUS: dict[str, tuple[str, ...]] = {
    "duplicate and case-variant keys": (MESSAGES, READER),
    "BOM, NUL, lone surrogates": (MESSAGES, READER),
    "batches": (MESSAGES, READER),
    "params as array, arguments null, list or string": (
        MESSAGES,
        "gateway/test_core.py::test_parameters_of_another_shape_are_refused",
    ),
    "huge integers, 1e400, -0, NaN": (
        MESSAGES,
        SPENT,
        "gateway/bypass/test_messages.py::test_no_spelling_of_a_number_is_a_counter_of_its_own",
        "policy/test_conditions.py::test_what_only_exact_readers_tell_apart_is_in_doubt",
    ),
    "negative and fractional spend": (SPENT, "db/test_ledger.py::test_decimals_are_counted_exactly"),
    "look-alike and case-variant names": (
        MESSAGES,
        "gateway/bypass/test_lists.py::test_names_that_only_a_server_takes_for_the_same_are_two_tools",
    ),
    "lying Mcp-Name": (
        "gateway/bypass/test_tricks.py::test_a_header_that_names_another_tool_than_the_body_is_refused",
        "gateway/http/test_refused_requests.py::test_a_lying_name_is_refused_in_both_eras",
    ),
    "replay of a session by another grant": (
        "gateway/bypass/test_tricks.py::test_another_grants_session_is_of_no_use",
        "gateway/http/test_listening.py::test_another_grants_session_is_as_unknown_as_one_that_never_was",
    ),
    "replay of an approval by another grant": (
        "gateway/bypass/test_approvals.py::test_an_approval_is_good_for_no_other_grant",
        "gateway/http/test_reliability.py::test_another_grant_cannot_answer_or_use_an_approval",
    ),
    "swapped arguments": (
        "gateway/bypass/test_approvals.py::test_an_approval_is_good_for_no_other_arguments",
    ),
    "expired approval": (
        "db/test_approvals.py::test_a_question_and_an_approval_expire",
        "gateway/test_seal.py::test_a_state_expires",
    ),
    "double-used approval": (
        "gateway/bypass/test_approvals.py::test_one_approval_is_one_effect",
        "gateway/bypass/test_approvals.py::test_one_approval_used_through_two_gateways_at_once_is_one_effect",
    ),
    "reconnect to reset a limit": (
        "gateway/bypass/test_counting.py::test_neither_a_reconnect_nor_a_new_gateway_resets_a_limit",
        "gateway/http/test_reliability.py::test_each_grant_has_limits_of_its_own_and_no_new_session_resets_them",
    ),
    "window edges": (
        "db/test_ledger.py::test_a_rolling_window_holds_across_the_edge_where_a_fixed_one_begins_anew",
        "db/test_windows.py::test_a_fixed_window_never_holds_more_than_its_maximum",
        "db/test_windows.py::test_a_rolling_window_never_holds_more_than_its_maximum",
    ),
    "clock steps": (
        "db/test_ledger.py::test_a_clock_that_steps_back_gives_no_fresh_window",
        "db/test_approvals.py::test_a_clock_that_steps_back_brings_nothing_back",
    ),
    "200 concurrent calls against a cap of 10": (
        "gateway/bypass/test_counting.py::test_of_two_hundred_calls_at_once_ten_have_an_effect",
        "db/test_ledger.py::test_of_200_calls_at_once_exactly_10_pass",
    ),
    "crash between forward and settle": (
        "gateway/bypass/test_counting.py::test_a_gateway_killed_between_forward_and_settle_leaves_the_call_counted",
        "db/test_ledger.py::test_a_gateway_that_is_killed_in_mid_call_leaves_the_count_and_an_unknown_outcome",
    ),
    "reload in mid-call": (
        "gateway/bypass/test_counting.py::test_a_policy_that_gets_stricter_in_mid_call_lets_that_call_end_and_no_other_begin",
        "gateway/bypass/test_counting.py::test_a_changed_policy_with_the_same_counter_resets_nothing",
    ),
    "a policy file broken in mid-flight": (
        "gateway/bypass/test_counting.py::test_a_policy_file_that_is_broken_in_mid_flight_opens_nothing",
        "gateway/test_core.py::test_a_policy_file_that_is_gone_and_back_is_read_again",
    ),
    "drift between list and call": (
        "gateway/bypass/test_lists.py::test_a_tool_that_drifts_between_list_and_call_is_not_called",
        "gateway/bypass/test_lists.py::test_a_tool_that_drifts_back_and_forth_is_judged_as_it_is_listed",
    ),
    "empty-string cursor": (
        "gateway/bypass/test_lists.py::test_a_hidden_tool_on_a_later_page_is_hidden",
        "gateway/http/test_listening.py::test_an_empty_cursor_is_passed_on_in_both_directions",
    ),
    "empty page": ("gateway/bypass/test_lists.py::test_a_hidden_tool_on_a_later_page_is_hidden",),
    "split SSE frames": (
        "gateway/http/test_events.py::test_events_are_the_same_wherever_the_stream_is_split",
        "gateway/http/test_listening.py::test_events_are_passed_on_as_they_come_however_they_are_split",
    ),
    "cancel during approval": (
        "gateway/bypass/test_approvals.py::test_a_yes_that_comes_after_the_call_was_cancelled_lets_nothing_through",
    ),
    "upstream 500 after the effect": (
        "gateway/bypass/test_counting.py::test_a_server_that_fails_after_the_effect_has_used_the_count_up",
        "gateway/http/test_reliability.py::test_an_error_of_the_server_after_the_effect_stays_counted_and_is_not_tried_again",
    ),
    "upstream dies": (
        "gateway/test_stdio.py::test_a_server_that_dies_is_an_error_for_who_waits_and_the_next_call_starts_it_again",
        "gateway/http/test_reliability.py::test_a_server_that_is_down_is_an_error_that_counts_nothing_and_the_next_call_reaches_it",
    ),
}


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("case", CORPUS)
def test_every_case_of_the_corpus_has_the_tests_that_the_table_names(case: str) -> None:
    for name in CORPUS[case]:
        file, _, function = name.partition("::")
        assert function in functions_of(file), name
