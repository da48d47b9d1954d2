"""Write the golden files anew; a person reads the difference."""

from pathlib import Path

from proxy import Site, render
from tests.proxy.sites import SITES

HERE = Path(__file__).parent

if __name__ == "__main__":
    for name, site in SITES.items():
        (HERE / "golden" / f"{name}.conf").write_text(render(site))
    (HERE.parents[1] / "proxy" / "image" / "nginx.conf").write_text(render(Site()))
