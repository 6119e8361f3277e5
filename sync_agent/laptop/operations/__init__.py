"""What the local API can do: one function a route. No HTTP here; the frame around them is api/'s."""
