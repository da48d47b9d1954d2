"use strict";
document.documentElement.dataset.script = "ran";
