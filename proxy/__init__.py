"""Turns routes into nginx.conf. The image that runs it lies beside."""

from proxy.edge.values import Tls
from proxy.render import render
from proxy.site import Media, Redirect, RoutedService, RouteError, Site

__all__ = ["Media", "Redirect", "RouteError", "RoutedService", "Site", "Tls", "render"]
