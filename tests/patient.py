"""A page as a whole reading asks for it: again while its error is passing."""

from functools import partial


def patiently(client, *keys_names_page, **options):
    """The SCOs of one page, however often the client had to ask."""
    return client.persistently(partial(client.page, *keys_names_page, **options))
