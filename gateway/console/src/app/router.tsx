import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { loadConfiguration } from "../api/configuration.ts";
import { loadContracts } from "../api/contract.ts";
import { loadMe } from "../api/me.ts";
import { Problem } from "../api/problem.ts";
import { FaultPage, NotFoundPage, WaitingPage } from "./fault.tsx";
import { pages } from "./features.ts";
import { Guard } from "./guard.tsx";
import { Shell } from "./shell.tsx";

/** The state of a page as its address holds it: texts by name. Lists drop what their contract does not know. */
export type Search = Record<string, string | undefined>;

function readSearch(raw: Record<string, unknown>): Search {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, String(value)]));
}

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: FaultPage,
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: readSearch,
  beforeLoad: () => loadConfiguration(),
  component: lazyRouteComponent(() => import("./login.tsx"), "Login"),
});

const changePassword = createRoute({
  getParentRoute: () => root,
  path: "/change-password",
  component: lazyRouteComponent(() => import("./password.tsx"), "ChangePassword"),
});

/** Everything but signing in needs a session; the address wanted is kept. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    try {
      const [{ data: me }] = await Promise.all([loadMe(), loadConfiguration()]);
      if (me.must_change_password) throw redirect({ to: "/change-password" });
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      if (fault.code === "password-change-required") throw redirect({ to: "/change-password" });
      if (fault.status !== 401) throw fault;
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { to: location.href } });
    }
  },
  component: Shell,
  errorComponent: FaultPage,
});

const children = pages.map((page) => {
  const Page = lazyRouteComponent(page.load);
  return createRoute({
    getParentRoute: () => shell,
    path: page.path,
    validateSearch: readSearch,
    loader: () => Promise.all([loadContracts(page.services), Page.preload?.()]),
    component: () => (
      <Guard permission={page.permission}>
        <Page />
      </Guard>
    ),
    errorComponent: FaultPage,
  });
});

export const router = createRouter({
  routeTree: root.addChildren([login, changePassword, shell.addChildren(children)]),
  defaultPendingComponent: WaitingPage,
  defaultPendingMs: 300,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  // Plain texts in the address: ?status=developing,won and not JSON.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return text ? `?${text}` : "";
  },
});
