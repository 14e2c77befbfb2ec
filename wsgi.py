"""What Gunicorn serves: `gunicorn wsgi:app`."""

from app import create_app
from settings import settings_of_this_process

app = create_app(settings_of_this_process())
