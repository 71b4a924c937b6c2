// Which ways there are to sign in: by password, or with the account of another provider.

import * as api from "./api.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);
let oidc = null;

// Asks the hub anew; without an answer only the password is offered.
export async function showWays() {
  const ways = await api.signInWays().catch(() => null);
  oidc = ways?.oidc ?? null;
  relabel();
}

export function relabel() {
  $("oidc").hidden = !oidc;
  $("oidc-start").href = "/desk/oidc/start";
  $("oidc-start").textContent = oidc ? word("oidc", { name: oidc.name }) : "";
}
