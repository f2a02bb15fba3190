"""Starting a stranger's server safely and reading its tool list. The MCP SDK's types stop here."""
