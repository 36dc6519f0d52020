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
