"""Settings: the environment, then `[tool.scormaudit]` in pyproject.toml, then options."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
)

from scormaudit.errors import SettingsError


def _listed(value: Any) -> Any:
    """`"A,B"`, as an environment has to write it, is A and B; no words are not all rules."""
    if not isinstance(value, str):
        return value
    words = tuple(word.strip() for word in value.split(",") if word.strip())
    if not words:
        raise ValueError("it names no code")
    return words


_TABLE = "[tool.scormaudit]"
_ABOUT_THE_LMS = (
    "base_url", "token", "write_token", "username", "password", "ca_file", "trust_env", "home",
)  # fmt: skip
_Codes = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """What the environment and pyproject.toml say; secrets show as stars.

    `ca_file` is a PEM file that alone is trusted, `trust_env` lets the environment's proxies and
    CA file count.
    `select`, `ignore`, `rules`, `severity` and `allow` are what `audit` takes, `fix` and `policy`
    what `propose` does; the codes in them are checked there, where the rules are known.
    """

    model_config = SettingsConfigDict(
        env_prefix="SCORMAUDIT_",
        pyproject_toml_table_header=("tool", "scormaudit"),
        extra="forbid",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        frozen=True,
    )

    base_url: str = ""
    token: SecretStr | None = None
    write_token: SecretStr | None = None
    username: str = ""
    password: SecretStr | None = None
    ca_file: Path | None = None
    trust_env: bool = False
    home: Path = Path(platformdirs.user_data_dir("scormaudit", appauthor=False))
    select: _Codes = ()
    ignore: _Codes = ()
    rules: Path | None = None
    severity: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    fix: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    policy: Annotated[dict[str, Any], NoDecode] = Field(default_factory=dict)
    allow: Annotated[tuple[dict[str, Any], ...], NoDecode] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over pyproject.toml, and that over the environment."""
        return init_settings, PyprojectTomlConfigSettingsSource(settings_cls), env_settings


def read_settings(**options: Any) -> Settings:
    """The settings in force; an option that is None is not given."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors(include_input=False, include_url=False)))
        raise SettingsError(f"These settings cannot be used: {faults}.") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"pyproject.toml cannot be read ({type(error).__name__}).") from None
    except AttributeError:  # what pydantic-settings makes of a table that is none
        raise SettingsError(
            "It is no table of settings.", where="pyproject.toml", todo=f"Begin it with {_TABLE}."
        ) from None


def in_force(settings: Settings) -> dict[str, tuple[str, str]]:
    """The settings about the LMS as text, and where each comes from; secrets as stars.

    What neither the environment nor pyproject.toml gives, and has a value nevertheless, is an
    option or was filled in later.
    """
    table = PyprojectTomlConfigSettingsSource(Settings)()
    environment = EnvSettingsSource(Settings)()
    said = {}
    for name in _ABOUT_THE_LMS:
        value, default = getattr(settings, name), Settings.model_fields[name].default
        origin = "pyproject.toml" if name in table else "environment"
        if name not in table and name not in environment:
            origin = "default" if value == default else ""
        said[name] = (str(value), origin) if value or isinstance(value, bool) else ("", "")
    return said


def judging(settings: Settings) -> dict[str, Any]:
    """What the settings say to `audit`, as its arguments."""
    names = ("select", "ignore", "rules", "severity", "allow")
    return {name: getattr(settings, name) for name in names}


def _fault(error: ErrorDetails) -> str:
    """The key, and what is wrong with it; never what was given, which may be a secret."""
    key = ".".join(map(str, error["loc"]))
    if error["type"] != "extra_forbidden":
        return f"{key} ({error['msg']})"
    near = get_close_matches(key, Settings.model_fields, n=1)
    return f"{key} (there is no such setting{f'; did you mean {near[0]}?' if near else ''})"
