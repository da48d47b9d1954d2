"""Turns routes into nginx.conf. The image that runs it lies in ``proxy/image``."""

from proxy.edge.values import Tls
from proxy.render import render
from proxy.site import Cache, Media, Rate, Redirect, RoutedService, RouteError, Site

__all__ = [
    "Cache",
    "Media",
    "Rate",
    "Redirect",
    "RouteError",
    "RoutedService",
    "Site",
    "Tls",
    "render",
]
