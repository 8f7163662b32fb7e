# So that `flask payagency …` works as written.
FLASK_APP=run:app
