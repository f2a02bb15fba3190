"""The codebook's table "Worked examples", in words of our own; and what the issue names."""

from __future__ import annotations

import pytest

from classifier.classify import Classifier
from classifier.types import Basis, ToolDefinition

STRING = {"type": "string"}
# name, description, parameters, category, levels that the codebook allows
TABLE = [
    (
        "cancel_job",
        "Stop a queued or running job. A cancelled job cannot be resumed.",
        {"job_id": STRING},
        "Destructive",
        "Critical",
    ),
    ("stop_container", "Stop a running container.", {"id": STRING}, "Execute", "High"),
    ("remove_container", "Remove a container.", {"id": STRING}, "Destructive", "Critical"),
    (
        "json_toggle",
        "Flip the boolean at a path of a JSON value.",
        {"key": STRING, "path": STRING},
        "Write",
        "Medium",
    ),
    (
        "cancel_subscription",
        "Cancel a customer's subscription.",
        {"subscription": STRING},
        "Financial",
        "Critical",
    ),
    ("archive_page", "Archive a page.", {"page_id": STRING}, "Write", "Medium"),
    ("delete_node", "Delete a node. It moves to the trash.", {"node": STRING}, "Write", "Medium"),
    ("git_reset", "Unstage all staged changes.", {"repo": STRING}, "Write", "Medium"),
    ("query", "Run a read-only SQL query.", {"sql": STRING}, "Read", "Low"),
    ("read_query", "Execute a SELECT query and return the rows.", {"query": STRING}, "Read", "Low"),
    (
        "write_query",
        "Execute an INSERT, UPDATE or DELETE statement.",
        {"query": STRING},
        "Execute",
        "Critical",
    ),
    ("execute_sql", "Run raw SQL on the hosted database.", {"sql": STRING}, "Execute", "Critical"),
    ("run_query", "Run a SQL query.", {"sql": STRING}, "Execute", "High"),
    ("send_email", "Send an e-mail to a recipient.", {"to": STRING, "body": STRING}, "Execute", "High"),
    (
        "slack_post_message",
        "Post a message to a Slack channel.",
        {"channel": STRING, "text": STRING},
        "Write",
        "Medium",
    ),
    ("post_tweet", "Post a tweet.", {"text": STRING}, "Execute", "High"),
    ("merge_pull_request", "Merge a pull request.", {"pull_number": STRING}, "Write", "High"),
    ("browser_click", "Click an element of the page.", {"ref": STRING}, "Execute", "High"),
    ("browser_navigate", "Navigate to a URL.", {"url": STRING}, "Execute", "Medium"),
    ("browser_snapshot", "Capture the accessibility tree of the page.", {}, "Read", "Low"),
    ("fetch", "Fetch a URL and return its content.", {"url": STRING}, "Read", "Medium"),
    ("read_file", "Read the content of a file.", {"path": STRING}, "Read", "Medium"),
    ("move_file", "Move or rename a file.", {"source": STRING, "destination": STRING}, "Write", "Medium"),
    (
        "write_file",
        "Write a file, overwriting what is there.",
        {"path": STRING, "content": STRING},
        "Write",
        "High",
    ),
    ("delete_file", "Delete a file.", {"path": STRING}, "Destructive", "Critical"),
    ("clear_cache", "Clear the cache.", {}, "Write", "Medium"),
    ("revoke_key", "Revoke an API key.", {"key_id": STRING}, "Destructive", "Critical"),
    (
        "transfer_ownership",
        "Transfer the ownership of a project to another user.",
        {"to": STRING},
        "Destructive",
        "Critical",
    ),
    ("create_api_key", "Create an API key.", {"name": STRING}, "Write", "High"),
    ("add_collaborator", "Add a collaborator to a repository.", {"user": STRING}, "Write", "High"),
    (
        "place_order",
        "Place a market order.",
        {"symbol": STRING, "quantity": {"type": "number"}},
        "Financial",
        "Critical",
    ),
    (
        "create_refund",
        "Refund a payment.",
        {"payment": STRING, "amount": {"type": "integer"}},
        "Financial",
        "Critical",
    ),
    ("create_invoice", "Create an invoice.", {"customer": STRING}, "Financial", "High"),
    ("list_invoices", "List the invoices.", {}, "Read", "Low"),
    ("get_refund", "Get a refund.", {"refund": STRING}, "Read", "Low"),
    ("calculate_tax", "Calculate the tax of an amount.", {"amount": {"type": "number"}}, "Read", "Low"),
    ("get_secret", "Get the value of a secret.", {"name": STRING}, "Read", "High"),
    ("sequentialthinking", "Think through a problem step by step.", {"thought": STRING}, "Read", "Low"),
    ("tf_plan", "Show what Terraform would change.", {}, "Read", "Low"),
    ("tf_apply", "Apply the Terraform plan to the infrastructure.", {}, "Execute", "Critical"),
    ("tf_destroy", "Destroy all infrastructure that Terraform manages.", {}, "Destructive", "Critical"),
    (
        "text_to_speech",
        "Turn text into speech with a hosted voice model.",
        {"text": STRING},
        "Execute",
        "Medium",
    ),
    ("deploy", "Deploy the application.", {"environment": STRING}, "Execute", "High"),
    (
        "restore_from_backup",
        "Restore the database from a backup.",
        {"backup": STRING},
        "Destructive",
        "Critical",
    ),
    (
        "remove_label_from_issue",
        "Remove a label from an issue.",
        {"issue": STRING, "label": STRING},
        "Write",
        "Low",
    ),
]


@pytest.mark.parametrize(
    ("name", "description", "parameters", "category", "levels"), TABLE, ids=[row[0] for row in TABLE]
)
def test_a_worked_example_of_the_codebook(
    shipped: Classifier,
    name: str,
    description: str,
    parameters: dict[str, object],
    category: str,
    levels: str,
) -> None:
    """Codebook, "Worked examples"."""
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    found = shipped.classify(ToolDefinition("demo", name, description=description, input_schema=schema))
    assert (found.category.value, found.risk.value) == (category, levels), found.reason


def test_cancel_job_is_destructive_and_critical_and_quotes_its_text(shipped: Classifier) -> None:
    """The issue's own case: the evidence quotes the tool's text."""
    text = "Stop an asynchronous job that is queued or running. Once cancelled it cannot be resumed."
    found = shipped.classify(
        ToolDefinition(
            "jobs",
            "cancel_job",
            description=text,
            input_schema={"type": "object", "properties": {"job_id": STRING}},
        )
    )
    assert (found.category.value, found.risk.value, found.basis) == ("Destructive", "Critical", Basis.TEXT)
    assert found.evidence[0].field == "description"
    assert found.evidence[0].excerpt in text
    assert not found.needs_review


def test_cancel_job_by_name_alone_is_still_destructive_and_critical(shipped: Classifier) -> None:
    """The issue: from the name, with capped confidence."""
    found = shipped.classify(ToolDefinition("jobs", "cancel_job"))
    assert (found.category.value, found.risk.value, found.basis) == ("Destructive", "Critical", Basis.NAME)
    assert found.evidence[0].field == "name"


def test_every_stated_action_is_among_the_effects_worst_first(shipped: Classifier) -> None:
    """Codebook rule 4, worked example `manage_k8s_resource`."""
    schema = {"type": "object", "properties": {"action": {"enum": ["get", "create", "delete"]}}}
    found = shipped.classify(
        ToolDefinition(
            "demo", "manage_resource", description="Get, create or delete a resource.", input_schema=schema
        )
    )
    assert [effect.value for effect in found.effects] == ["Destructive", "Write", "Read"]


@pytest.mark.parametrize(
    ("description", "category"),
    [
        ("删除指定的文件", "Destructive"),
        ("파일을 삭제합니다", "Destructive"),
        ("ファイルを削除します", "Destructive"),
        ("Elimina un archivo", "Destructive"),
        ("查询天气", "Read"),
    ],
)
def test_descriptions_in_other_languages_do_not_fall_to_read(
    shipped: Classifier, description: str, category: str
) -> None:
    """Languages that stand in the wild; the name says nothing here."""
    assert (
        shipped.classify(ToolDefinition("demo", "tool_17", description=description)).category.value
        == category
    )
