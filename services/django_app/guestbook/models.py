"""What visitors leave."""

from django.db import models


class Entry(models.Model):
    """A visitor's line; hidden ones stay for the moderators only."""

    name = models.CharField(max_length=40)
    message = models.CharField(max_length=280)
    created_at = models.DateTimeField(auto_now_add=True)
    hidden = models.BooleanField(default=False)

    class Meta:
        """The newest first."""

        ordering = ["-pk"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        """Name an entry in the admin."""
        return f"{self.name}: {self.message[:40]}"
