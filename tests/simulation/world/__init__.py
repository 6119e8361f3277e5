"""The model world: time, network, calendar servers, the platform, a meeting service. Knows nothing of the engine."""
