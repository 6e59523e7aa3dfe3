"""Programs that leave with an exported model as its predict.py: one a task, without this project."""
