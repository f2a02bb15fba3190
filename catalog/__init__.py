"""The MCP tool risk catalogue: sources, probe, crawl, database, policy, site and command line."""

__version__ = "0.1.0"
