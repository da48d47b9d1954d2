"""The table of entries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Bring the schema to this state; the release before it must still work with it."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("message", models.CharField(max_length=280)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("hidden", models.BooleanField(default=False)),
            ],
            options={"verbose_name_plural": "entries", "ordering": ["-pk"]},
        ),
    ]
