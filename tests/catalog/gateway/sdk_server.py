"""A server made with the official SDK, of both eras: what the gateway meets in the wild."""

from __future__ import annotations

from typing import Annotated

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel

server = MCPServer("sdk-server")
deleted: list[str] = []


class Name(BaseModel):
    """What the client's person is asked."""

    name: str


def ask_name() -> Elicit[Name]:
    return Elicit("What is your name?", Name)


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def delete_everything() -> str:
    """Deletes everything."""
    deleted.append("everything")
    return "gone"


@server.tool()
def greet(answer: Annotated[ElicitationResult[Name], Resolve(ask_name)]) -> str:
    """Asks the person's name and greets."""
    return f"Hello {answer.data.name}" if isinstance(answer, AcceptedElicitation) else "Hello nobody"


@server.tool()
async def count(steps: int, context: Context) -> str:
    """Counts and tells how far it is."""
    for step in range(steps):
        await context.report_progress(step + 1, steps)
    return "counted"


@server.resource("text://note")
def note() -> str:
    """A note."""
    return "a note"


@server.prompt()
def hello() -> str:
    """A prompt."""
    return "Say hello."


if __name__ == "__main__":
    server.run("stdio")
