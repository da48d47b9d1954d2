"""What a visitor fills in."""

from django import forms

from guestbook.models import Entry


class EntryForm(forms.ModelForm):
    """Name and message of a new entry."""

    class Meta:
        """Taken from the model, with its limits."""

        model = Entry
        fields = ["name", "message"]
        labels = {"name": "Your name", "message": "Your message"}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "nickname"}),
            "message": forms.TextInput(attrs={"autocomplete": "off"}),
        }
