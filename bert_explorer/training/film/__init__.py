"""The film of a training: what a few held-out examples were answered at chosen moments, and what moved.

plan      how many examples and which moments, so that recording stays cheap
items     which held-out examples
passes    hooks that take vectors and answers out of forward passes
changes   how far weights and heads are from where they began
recorder  the Trainer's events -> moments
file      one npz file in the run's folder

``file`` and ``plan`` need no torch: pages read films without it.
"""
