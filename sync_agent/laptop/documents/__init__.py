"""The JSON documents of the local API (docs/local-api.md), made of the engine's values. Pure."""
