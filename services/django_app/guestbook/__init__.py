"""The guestbook: a page with a form that writes, and its moderation in the admin."""
