"""Chromium: where it is, and how it is started where nobody sees its windows."""

import shutil

from playwright.sync_api import Browser, Playwright

SWITCHED_OFF = (
    # Two pages for the list under the address bar, drawn with each window: most of what a new page costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # What Playwright switches off by itself; only the last such list counts, which is this one.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)


NAMES = "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"
"""The shell first: the same engine without a browser's windows around it, in half the processor time."""


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright, path: str) -> Browser:
    """Without its sandbox, because tests run as root in containers."""
    arguments = ["--no-sandbox", f"--disable-features={','.join(SWITCHED_OFF)}"]
    return playwright.chromium.launch(executable_path=path, args=arguments)
