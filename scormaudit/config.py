"""Settings: `[tool.scormaudit]` in pyproject.toml, then the environment, then options."""

from pathlib import Path
from typing import Any

import platformdirs
from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
)

from scormaudit.errors import SettingsError
from scormaudit.lms.client import Client


class Settings(BaseSettings):
    """What the environment and pyproject.toml say; secrets show as stars."""

    model_config = SettingsConfigDict(
        env_prefix="SCORMAUDIT_",
        pyproject_toml_table_header=("tool", "scormaudit"),
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        frozen=True,
    )

    base_url: str = ""
    token: SecretStr | None = None
    write_token: SecretStr | None = None
    username: str = ""
    password: SecretStr | None = None
    home: Path = Path(platformdirs.user_data_dir("scormaudit", appauthor=False))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over the environment, and that over pyproject.toml."""
        return init_settings, env_settings, PyprojectTomlConfigSettingsSource(settings_cls)


def read_settings(**options: Any) -> Settings:
    """The settings in force; an option that is None is not given."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        names = ", ".join(str(e["loc"][0]) for e in error.errors(include_input=False))
        raise SettingsError(f"These settings cannot be used: {names}.") from None
    except ValueError as error:
        raise SettingsError(f"pyproject.toml cannot be read ({type(error).__name__}).") from None


def connect(settings: Settings, *, timeout: float = 30) -> Client:
    """A client by token, or else by username and password; SettingsError names what is missing."""
    if not settings.base_url:
        raise SettingsError(
            "No LMS is named.", todo="Set SCORMAUDIT_BASE_URL, or try `scormaudit sandbox`."
        )
    write = settings.write_token.get_secret_value() if settings.write_token else None
    if settings.token:
        token = settings.token.get_secret_value()
        return Client(settings.base_url, token, write_token=write, timeout=timeout)
    if settings.username and settings.password:
        return Client.login(
            settings.base_url,
            settings.username,
            settings.password.get_secret_value(),
            write_token=write,
            timeout=timeout,
        )
    raise SettingsError(
        "There is no token.",
        todo="Set SCORMAUDIT_TOKEN, or SCORMAUDIT_USERNAME and SCORMAUDIT_PASSWORD.",
    )
