"""The small window: today and the coming days, the next session, the one thing to do now. Also home without a tray."""
