"""Measures our nginx beside that of an earlier commit, a bare one, Caddy and HAProxy."""
