"""Pure classification of MCP tool definitions: a definition in, a classification out.

Nothing here touches the network, the clock, the environment or a database; only the model loader
reads files. See `classifier.types` for the values and `classifier.classify` for the entry point.
"""
