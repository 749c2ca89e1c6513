"""The WSGI entry of a checkout: gunicorn serves `app:app`.

Importing this module, and no other, has an effect: it loads and verifies the default strategy, or exits.
"""

from colorizer.http.start import start

app = start()
