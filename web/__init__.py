"""The shell every page stands in: app, problem documents, login, sessions, languages, templates."""
