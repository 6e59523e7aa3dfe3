"""Browser components of the app's own: NAME.py says what one takes and gives, NAME.js and NAME.css draw it.

Data crosses as data and becomes text by ``textContent``, so that nothing that a user or a model wrote is
ever read as markup.
"""
