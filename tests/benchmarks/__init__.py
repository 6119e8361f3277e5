"""Yardsticks: TutorSync beside its peers on the same work, as ratios in one run.

    python -m tests.benchmarks desktop     start to the tray, and memory, beside the smallest honest tray app
    python -m tests.benchmarks sync        the ten goals of the engine, beside vdirsyncer and the raw floor

Wall time depends on the machine and its neighbours, so what counts is CPU, requests, bytes, memory, and ratios.
"""
