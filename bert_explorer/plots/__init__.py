"""Results drawn: plotly figures and bertviz views. Text made by users is made safe here.

Figures have transparent backgrounds and take their text colour from the page around them, so that
they read well on light and dark; ``theme.make_standalone`` gives them colours of their own for a file.
"""
