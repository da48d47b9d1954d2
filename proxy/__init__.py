"""Turns routes into nginx.conf. The image that runs it lies in ``proxy/image``."""

from proxy.edge.values import Tls
from proxy.render import render
from proxy.site import Media, Redirect, RoutedService, RouteError, Site

__all__ = ["Media", "Redirect", "RouteError", "RoutedService", "Site", "Tls", "render"]
