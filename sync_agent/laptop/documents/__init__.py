"""The JSON documents of the local API and the command line, made from the engine's values. Pure."""
