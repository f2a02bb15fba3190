"""Programs that are started always end, with everything they started (crawling.md: "always")."""

from __future__ import annotations

import sys

import anyio
from hypothesis import given
from hypothesis import strategies as st

from catalog.probe.process import Tail, end, marked, run, start

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {DEAF!r}], start_new_session=True)"


@given(st.lists(st.binary(min_size=1, max_size=50)), st.integers(1, 60))
def test_a_tail_is_the_end_of_the_stream(chunks, limit) -> None:
    tail = Tail(limit)
    for chunk in chunks:
        tail.add(chunk)
    assert tail.text() == b"".join(chunks)[-limit:].decode("utf-8", "replace")


def test_a_program_runs_to_its_end_and_its_output_is_kept() -> None:
    script = "import sys; print(sys.stdin.read()); print('oops', file=sys.stderr); sys.exit(3)"

    async def go():
        return await run((sys.executable, "-c", script), {}, limit=30, stdin=b"hello")

    finished = anyio.run(go)
    assert (finished.code, finished.stdout, finished.stderr) == (3, "hello\n", "oops\n")


def test_a_program_that_takes_too_long_is_ended() -> None:
    async def go():
        return await run((sys.executable, "-c", DEAF), {}, limit=0.5)

    assert anyio.run(go).code is None


def test_ending_a_program_ends_what_has_left_its_group() -> None:
    async def go() -> list[int]:
        process, mark = await start((sys.executable, "-c", PARENT), {}, None)
        assert process.stdout is not None
        assert await process.stdout.receive() == b"ready\n"
        assert len(marked(mark)) == 2
        await end(process, mark, grace=0.05)
        return marked(mark)

    assert anyio.run(go) == []


def test_cancelling_ends_a_program() -> None:
    async def go() -> list[int]:
        process, mark = await start((sys.executable, "-c", DEAF), {}, None)
        assert process.stdout is not None
        await process.stdout.receive()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await end(process, mark, grace=0)
        return marked(mark)

    assert anyio.run(go) == []
