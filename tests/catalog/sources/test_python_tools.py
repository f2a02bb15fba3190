"""Tools in Python source (crawling.md, "Reading, not guessing"; README of the SDKs for the forms)."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import NotDefinitions
from catalog.sources.python_source import PythonSource
from catalog.sources.python_tools import tools_of
from catalog.sources.trees import SourceTree
from classifier.types import Provenance

FAST = "from mcp.server.fastmcp import FastMCP, Context\nmcp = FastMCP('lamp')\n"
LOW = "from mcp import types\nfrom mcp.types import Tool, ToolAnnotations\n"


def read(code, **others):
    """The tools by name and the unread lines of a tree with `code` in `a.py`."""
    files = {"a.py": code} | {name.replace("__", "/") + ".py": text for name, text in others.items()}
    definitions, unread = tools_of(
        SourceTree(files={path: text.encode() for path, text in files.items()}), "lamp"
    )
    return {tool.name: tool for tool in definitions}, unread


def only(code, **others):
    tools, unread = read(code, **others)
    assert unread == ()
    (tool,) = tools.values()
    return tool


@pytest.mark.parametrize(
    "registration",
    [
        "@mcp.tool\ndef dim(level: int): 'Dims.'",
        "@mcp.tool()\nasync def dim(level: int):\n    '''Dims.'''",
        "@mcp.tool('dim')\ndef other(level: int): 'Dims.'",
        "@mcp.tool(name='dim', description='Dims.')\n@logged\ndef other(level: int): 'Not this.'",
        "def other(level: int): 'Dims.'\nmcp.add_tool(other, name='dim')",
        "def other(level: int): 'Not this.'\nmcp.add_tool(other, 'dim', description='Dims.')",
        "def dim(level: int): 'Dims.'\nmcp.tool()(dim)",
        "def dim(level: int): 'Dims.'\nmcp.tool(name='dim')(logged(dim))",
        "def dim(level: int): 'Dims.'\nmcp.tool(dim)",
        "def register(server: FastMCP):\n    @server.tool()\n    def dim(level: int): 'Dims.'",
        "class Lamp:\n    @mcp.tool()\n    def dim(self, level: int): 'Dims.'",
        "from fastmcp.tools import Tool\ndef dim(level: int): 'Dims.'\nmcp.add_tool(Tool.from_function(dim))",
    ],
)
def test_every_way_to_register_a_function_is_read(registration):
    tool = only(FAST + registration)
    assert (tool.server, tool.name, tool.description) == ("lamp", "dim", "Dims.")
    assert tool.input_schema == {
        "type": "object",
        "properties": {"level": {"type": "integer"}},
        "required": ["level"],
    }
    assert tool.provenance is Provenance.SOURCE


@pytest.mark.parametrize(
    "constructor",
    [
        "Tool(name='dim', description='Dims.', inputSchema={'type': 'object'})",
        "types.Tool(name='dim', description='Dims.', input_schema={'type': 'object'})",
        "T(name='dim', description='Dims.', inputSchema=dict_of_it)",
    ],
)
def test_the_protocols_own_constructor_is_read_under_any_alias(constructor):
    code = f"{LOW}from mcp.types import Tool as T\ndict_of_it = {{'type': 'object'}}\nasync def list_tools():\n    return [{constructor}]"
    tool = only(code)
    assert (tool.name, tool.description, tool.input_schema) == ("dim", "Dims.", {"type": "object"})


@pytest.mark.parametrize(
    "code",
    [
        LOW + "tools = [{'name': 'dim', 'description': 'Dims.'}]",
        LOW + "from langchain.tools import Tool\nTool(name='dim', description='Dims.')",
        LOW + "class Tool: ...\nTool(name='dim')",
        LOW + "from pydantic_ai import Agent\nagent = Agent('m')\n@agent.tool\ndef dim(): 'Dims.'",
        LOW
        + "from pydantic_ai import Agent\ndef add(agent: Agent):\n    @agent.tool\n    def dim(): 'Dims.'",
        "from langchain import toolbox\n@toolbox.tool\ndef dim(): 'Dims.'",
    ],
)
def test_the_constructor_is_matched_and_not_a_key_called_name(code):
    """crawling.md, "Reading, not guessing"."""
    assert read(code)[0] == {}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'Dims.'", "Dims."),
        ("'Dims ' 'it.'", "Dims it."),
        ("('Dims '\n  # a remark\n  'it' + '.')", "Dims it."),
        ("f'Dims.'", "Dims."),
        ("f'Dims {ROOM}. {{x}}'", "Dims hall. {x}"),
        ("r'\\d'", "\\d"),
        ("'caf\\u00e9'", "café"),
        ("DESCRIPTION", "Dims the hall."),
        ("texts.DIM", "From a module."),
        ("IMPORTED", "From a module."),
        ("Words.DIM", "A member."),
        ("Words.DIM.value", "A member."),
        ("TABLE['dim']", "From a table."),
        ("dedent('''\n    Dims.\n      More.\n''').strip()", "Dims.\n  More."),
        ("' '.join(['Dims', 'it.'])", "Dims it."),
        ("other.__doc__", "Another's."),
        ("described('it')", "Dims it."),
    ],
)
def test_texts_that_are_constant_are_worked_out(expression, value):
    """crawling.md: join adjacent and concatenated literals; resolve constants and enums."""
    code = FAST + (
        "from enum import Enum\nfrom textwrap import dedent\nfrom . import texts\nfrom .texts import DIM as IMPORTED\n"
        "ROOM = 'hall'\nDESCRIPTION: str = 'Dims the ' + ROOM + '.'\nTABLE = {'dim': 'From a table.'}\n"
        "class Words(str, Enum):\n    DIM = 'A member.'\n"
        "def other():\n    '''Another's.'''\n"
        "def described(what: str, end: str = '.') -> str:\n    return 'Dims ' + what + end\n"
        f"@mcp.tool(description={expression})\ndef dim(): ...\n"
    )
    assert only(code, texts="DIM = 'From a module.'\n").description == value


@pytest.mark.parametrize(
    "expression",
    [
        "load('x')",
        "f'{level()}'",
        "TWICE",
        "'a' * 3",
        "LOOP",
        "open('x').read()",
        "f'{ROOM!r}'",
        "b'bytes'",
        "parameter",
        "A",
    ],
)
def test_a_description_that_is_made_at_run_time_is_unread_and_not_empty(expression):
    """crawling.md: "Description unreadable" is not "description empty"."""
    code = FAST + (
        "ROOM = 'hall'\nTWICE = 'a'\nTWICE = 'b'\nA = B\nB = A\nfor LOOP in 'ab': pass\n"
        f"def make(parameter):\n    @mcp.tool(description={expression})\n    def dim(): 'Not this.'\n"
    )
    tools, unread = read(code)
    assert (tools["dim"].description, tools["dim"].description_unread) == (None, True)
    assert unread == ("a.py:11: the description of 'dim' is only known when the program runs",)


def test_no_description_at_all_is_none_and_read():
    tool = only(FAST + "@mcp.tool()\ndef dim(): ...")
    assert (tool.description, tool.description_unread) == (None, False)


def test_a_docstring_is_dedented_as_python_does():
    tool = only(FAST + '@mcp.tool()\ndef dim():\n    """Dims.\n\n    More:\n        a lot\n    """')
    assert tool.description == "Dims.\n\nMore:\n    a lot"


@pytest.mark.parametrize(
    "code",
    [
        FAST + "for word in ('a', 'b'):\n    @mcp.tool(name=word)\n    def dim(): ...",
        FAST + "@mcp.tool(**options())\ndef dim(): ...",
        LOW + "tools = [Tool(name=n, description='x', inputSchema={}) for n in names]",
        FAST + "mcp.add_tool(find('dim'))",
        FAST + "mcp.add_tool(unknown)",
        "from fastmcp import FastMCP\nserver = FastMCP.from_openapi(spec)",
    ],
)
def test_a_name_that_cannot_be_worked_out_is_reported_and_never_invented(code):
    tools, unread = read(code)
    assert tools == {}
    assert len(unread) == 1
    assert unread[0].startswith("a.py:")


def test_a_named_tool_whose_function_is_out_of_reach_is_kept_without_inventing_the_rest():
    tools, unread = read(FAST + "mcp.add_tool(registry.get('x'), name='dim')")
    assert (tools["dim"].description_unread, tools["dim"].input_schema) == (True, None)
    assert len(unread) == 2


@pytest.mark.parametrize(
    "annotations",
    [
        "ToolAnnotations(title='Dim', readOnlyHint=False, destructiveHint=True)",
        "types.ToolAnnotations(title='Dim', read_only_hint=False, destructive_hint=True)",
        "{'title': 'Dim', 'readOnlyHint': False, 'destructiveHint': True}",
        "HINTS",
        "hints(True)",
    ],
)
def test_annotations_are_read_in_every_spelling(annotations):
    """SDK 2 writes `read_only_hint` what the protocol calls `readOnlyHint`."""
    code = (
        FAST
        + LOW
        + (
            "HINTS = ToolAnnotations(title='Dim', readOnlyHint=False, destructiveHint=True)\n"
            "def hints(destructive):\n    return ToolAnnotations(title='Dim', read_only_hint=False, destructive_hint=destructive)\n"
            f"@mcp.tool(annotations={annotations}, title='Dims')\ndef dim(): 'Dims.'\n"
        )
    )
    tool = only(code)
    assert tool.annotations == {"title": "Dim", "readOnlyHint": False, "destructiveHint": True}
    assert tool.title == "Dims"


@pytest.mark.parametrize(
    ("parameter", "schema", "required"),
    [
        ("x", {}, True),
        ("x: str", {"type": "string"}, True),
        ("x: float = 0.5", {"type": "number", "default": 0.5}, False),
        ("x: bool = LATER", {"type": "boolean"}, False),
        ("x: list[str]", {"type": "array", "items": {"type": "string"}}, True),
        ("x: typing.List[int]", {"type": "array", "items": {"type": "integer"}}, True),
        ("x: dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}, True),
        ("x: dict", {"type": "object"}, True),
        ("x: Literal['a', 'b'] = 'a'", {"enum": ["a", "b"], "type": "string", "default": "a"}, False),
        ("x: Optional[int] = None", {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}, False),
        ("x: int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, True),
        ("x: 'int'", {"type": "integer"}, True),
        ("x: Annotated[int, Field(description='How ' 'much', ge=1)]", {"type": "integer", "description": "How much", "minimum": 1}, True),
        ("x: Annotated[str, 'Short']", {"type": "string", "description": "Short"}, True),
        ("x: Annotated[str, Field(default='a')]", {"type": "string", "default": "a"}, False),
        ("x: str = Field(description='D')", {"type": "string", "description": "D"}, True),
        ("x: str = Field(..., description='D')", {"type": "string", "description": "D"}, True),
        ("x: str = Field('a')", {"type": "string", "default": "a"}, False),
        ("x: list[int] = Field(default_factory=list, min_length=1)",
         {"type": "array", "items": {"type": "integer"}, "minItems": 1}, False),
        ("x: Level", {"enum": ["low", "high"]}, True),
        ("x: Alias", {"type": "string", "description": "Aliased"}, True),
        ("x: Room",
         {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 3}}, "required": ["name"]},
         True),
        ("x: SomethingElse", {}, True),
    ],
)  # fmt: skip
def test_parameters_become_a_schema(parameter, schema, required):
    code = FAST + (
        "import typing\nfrom enum import Enum\nfrom typing import *\nfrom pydantic import BaseModel, Field\n"
        "class Level(str, Enum):\n    LOW = 'low'\n    HIGH = 'high'\n"
        "Alias = Annotated[str, Field(description='Aliased')]\n"
        "class Base(BaseModel):\n    name: str\nclass Room(Base):\n    size: int = 3\n"
        f"@mcp.tool()\ndef dim({parameter}): 'Dims.'\n"
    )
    assert only(code).input_schema == {"type": "object", "properties": {"x": schema}} | (
        {"required": ["x"]} if required else {}
    )


@pytest.mark.parametrize(
    "parameters",
    [
        "ctx: Context",
        "ctx: Context[A, B]",
        "ctx: Context | None = None",
        "*, ctx: LampContext",
        "ctx: 'Context' = None",
        "db=Depends(get_db)",
        "*args, **kwargs",
    ],
)
def test_what_the_sdk_gives_is_no_parameter(parameters):
    code = FAST + f"LampContext = Context[A, B]\n@mcp.tool()\ndef dim({parameters}): 'Dims.'\n"
    assert only(code).input_schema == {"type": "object", "properties": {}}


def test_a_models_schema_is_read_from_its_class():
    code = LOW + (
        "class Dim(BaseModel):\n    level: int\n    room: str = 'hall'\n"
        "Tool(name='dim', description='Dims.', inputSchema=Dim.model_json_schema())"
    )
    assert only(code).input_schema == {
        "type": "object",
        "properties": {"level": {"type": "integer"}, "room": {"type": "string", "default": "hall"}},
        "required": ["level"],
    }


def test_a_part_of_a_schema_that_is_out_of_reach_is_left_out_and_reported():
    schema = "{'type': 'object', 'properties': {'level': {'type': 'integer', 'description': words()}}}"
    tools, unread = read(LOW + f"Tool(name='dim', description='Dims.', inputSchema={schema})")
    assert tools["dim"].input_schema == {"type": "object", "properties": {"level": {"type": "integer"}}}
    assert "a part of the schema of 'dim' cannot be read" in unread[0]


def test_a_mounted_servers_tools_carry_its_namespace():
    """FastMCP puts the namespace and an underscore before the names of a mounted server."""
    sub = "from fastmcp import FastMCP\nrooms = FastMCP('rooms')\n@rooms.tool()\ndef dim(): 'Dims.'\n"
    main = "from fastmcp import FastMCP\nfrom rooms import rooms\nmain = FastMCP()\nmain.mount(rooms, namespace='room')\n"
    assert only(main, rooms=sub).name == "room_dim"


def test_the_same_tool_twice_is_one_and_another_of_its_name_is_reported():
    tool = "@mcp.tool()\ndef dim(): 'Dims.'\n"
    assert only(FAST + tool + tool).name == "dim"
    tools, unread = read(FAST + tool + "@mcp.tool(name='dim')\ndef other(x): 'Other.'")
    assert tools["dim"].description == "Dims."
    assert "another definition of 'dim'" in unread[0]


def test_the_place_of_a_tool_has_file_line_and_commit():
    code = FAST + "@mcp.tool()\ndef dim(): 'Dims.'\n"
    tree = SourceTree(files={"src/lamp.py": code.encode()}, commit="c" * 40)
    assert tools_of(tree, "lamp")[0][0].location == f"src/lamp.py:4@{'c' * 40}"


def test_broken_code_is_reported_and_the_rest_is_read():
    tools, unread = read(FAST + "@mcp.tool()\ndef dim(): 'Dims.'\n\ndef broken(:\n")
    assert "dim" in tools
    assert unread == ("a.py: not all of this file is Python that we understand",)


def test_nothing_of_the_source_is_run(tmp_path):
    """Read, never run: the file would leave a mark."""
    mark = tmp_path / "ran"
    code = (
        FAST
        + f"open({str(mark)!r}, 'w').close()\n@mcp.tool(description=open({str(mark)!r}, 'w').name)\ndef dim(): ...\n"
    )
    read(code)
    assert not mark.exists()


@pytest.mark.parametrize(
    "code",
    [
        "A0 = 'x'\n"
        + "".join(f"A{n + 1} = A{n} + A{n}\n" for n in range(60))
        + "@mcp.tool(description=A60)\ndef dim(): ...",
        "A0 = ''\n"
        + "".join(f"A{n + 1} = f'{{A{n}}}{{A{n}}}'\n" for n in range(60))
        + "@mcp.tool(description=A60)\ndef dim(): ...",
        "def f(x):\n    return f(x)\n@mcp.tool(description=f('a'))\ndef dim(): ...",
        "@mcp.tool(description=" + "(" * 3000 + "'x'" + ")" * 3000 + ")\ndef dim(): ...",
        "@mcp.tool(description=" + "+".join(["'x'"] * 5000) + ")\ndef dim(): ...",
        "".join("  " * n + "if x:\n" for n in range(400))
        + "  " * 400
        + "pass\n@mcp.tool(description=NAME)\ndef dim(): ...",
        "@mcp.tool()\ndef dim(x: " + "list[" * 2000 + "int" + "]" * 2000 + "): ...",
        "class A(B):\n    x: 'A'\nclass B(A):\n    y: 'B'\n@mcp.tool()\ndef dim(x: A): ...",
        "@mcp.tool(name='" + "n" * 1000 + "')\ndef dim(): ...",
    ],
)
def test_code_made_to_exhaust_a_reader_ends_quickly(code):
    """Everything from a server is hostile; names that double each other would otherwise take 2^60 steps."""
    before = os.times().user
    read(FAST + code)
    assert os.times().user - before < 10


PIECES = ["@mcp.tool(", ")", "\ndef f(x: ", "Literal[", "]", "): ", "'a'", "f'{x}'", " + ", "\n", "x = ", "Tool(name=", "{", "}", "*", ":", "Annotated[int, Field(", "class A(A):\n  ", "0x1", "1e999", "3j", "-", "import a\n", "from . import *\n", "await ", "\\"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_code_raises(code):
    tools, unread = read(FAST + LOW + code)
    assert all(tool.name and tool.fingerprint for tool in tools.values())
    assert all("\n" not in line for line in unread)


def test_a_project_is_called_as_its_metadata_says(write, zipped, tarred):
    code = (FAST + "@mcp.tool()\ndef dim(): 'Dims.'\n").encode()
    folder = write(
        {"pyproject.toml": b"[project]\nname = 'lamp-mcp'\n", "src/lamp.py": code, "bare/lamp.py": code}
    )
    wheel = zipped(
        {"lamp.py": code, "lamp_mcp-1.0.dist-info/METADATA": b"Metadata-Version: 2.4\r\nName: lamp-mcp\r\n"}
    )
    sdist = tarred({"lamp_mcp-1.0/src/lamp.py": code, "lamp_mcp-1.0/PKG-INFO": b"Name: lamp-mcp\n"})
    for target in (folder, wheel, sdist):
        (record,) = PythonSource().records(str(target))
        assert record.name == "lamp-mcp"
    assert PythonSource().records(str(folder / "bare"))[0].name == "bare"
    assert PythonSource().records(str(folder / "bare/lamp.py"))[0].name == "lamp"


def test_a_folder_without_tools_says_what_was_looked_at(write):
    folder = write({"a.py": b"print(1)\n"})
    with pytest.raises(NotDefinitions, match="no MCP tools in 1 Python files") as error:
        PythonSource().records(str(folder))
    assert "-- COMMAND" in error.value.hint
