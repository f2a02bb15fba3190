"""Configurations of MCP clients, rewritten so that their servers stand behind the gateway, and put back."""
