/** Addresses and the pages behind them. Every page is a chunk of its own. */
import { createBrowserRouter, Navigate } from "react-router";
import { RequireSession } from "../session/require-session.js";
import { SignInPage } from "../session/sign-in-page.js";
import { CrashPage } from "./crash-page.js";
import { Layout } from "./layout.js";
import { NotFoundPage } from "./not-found-page.js";

export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignInPage />, errorElement: <CrashPage /> },
  {
    path: "/",
    element: (
      <RequireSession>
        <Layout />
      </RequireSession>
    ),
    HydrateFallback: () => null,
    errorElement: <CrashPage />,
    children: [
      {
        errorElement: <CrashPage />,
        children: [
          {
            index: true,
            lazy: async () => ({
              Component: (await import("../pages/overview/overview-page.js")).OverviewPage,
            }),
          },
          {
            path: "apis",
            lazy: async () => ({ Component: (await import("../pages/apis/api-list-page.js")).ApiListPage }),
          },
          {
            path: "apis/new",
            lazy: async () => ({ Component: (await import("../pages/apis/new-api-page.js")).NewApiPage }),
          },
          {
            path: "apis/import",
            lazy: async () => ({
              Component: (await import("../pages/import/import-page.js")).NewApiImportPage,
            }),
          },
          {
            path: "apis/:apiId/import",
            lazy: async () => ({ Component: (await import("../pages/import/import-page.js")).ApiImportPage }),
          },
          {
            path: "apis/:apiId",
            lazy: async () => ({ Component: (await import("../pages/apis/api-layout.js")).ApiLayout }),
            children: [
              {
                index: true,
                lazy: async () => ({
                  Component: (await import("../pages/apis/api-information-page.js")).ApiInformationPage,
                }),
              },
              {
                path: "schemas",
                lazy: async () => ({
                  Component: (await import("../pages/schemas/schemas-page.js")).SchemasPage,
                }),
              },
              {
                path: "keys",
                lazy: async () => ({ Component: (await import("../pages/keys/keys-page.js")).KeysPage }),
              },
              {
                path: "keys/:keyId",
                lazy: async () => ({ Component: (await import("../pages/keys/key-page.js")).KeyPage }),
              },
              {
                path: "try",
                // Where "Try it" was before it became a drawer.
                element: <Navigate to="../?try=" replace />,
              },
              {
                path: "traffic",
                lazy: async () => ({
                  Component: (await import("../pages/traffic/api-traffic-page.js")).ApiTrafficPage,
                }),
              },
              {
                path: "requests",
                lazy: async () => ({
                  Component: (await import("../pages/requests/api-requests-page.js")).ApiRequestsPage,
                }),
              },
              {
                path: "activity",
                lazy: async () => ({
                  Component: (await import("../pages/activity/api-activity-page.js")).ApiActivityPage,
                }),
              },
            ],
          },
          {
            path: "integrations",
            lazy: async () => ({
              Component: (await import("../pages/integrations/integration-list-page.js")).IntegrationListPage,
            }),
          },
          {
            path: "integrations/new",
            lazy: async () => ({
              Component: (await import("../pages/integrations/new-integration-page.js")).NewIntegrationPage,
            }),
          },
          {
            path: "integrations/:integrationId",
            lazy: async () => ({
              Component: (await import("../pages/integrations/integration-page.js")).IntegrationPage,
            }),
          },
          {
            path: "credentials",
            lazy: async () => ({
              Component: (await import("../pages/credentials/credential-list-page.js")).CredentialListPage,
            }),
          },
          {
            path: "credentials/new",
            lazy: async () => ({
              Component: (await import("../pages/credentials/new-credential-page.js")).NewCredentialPage,
            }),
          },
          {
            path: "credentials/:credentialId",
            lazy: async () => ({
              Component: (await import("../pages/credentials/credential-page.js")).CredentialPage,
            }),
          },
          {
            path: "subscriptions",
            lazy: async () => ({
              Component: (await import("../pages/subscriptions/subscription-list-page.js"))
                .SubscriptionListPage,
            }),
          },
          {
            path: "nodes",
            lazy: async () => ({
              Component: (await import("../pages/nodes/node-list-page.js")).NodeListPage,
            }),
          },
          {
            path: "activity",
            lazy: async () => ({
              Component: (await import("../pages/activity/activity-page.js")).ActivityPage,
            }),
          },
          {
            path: "sessions",
            lazy: async () => ({
              Component: (await import("../pages/sessions/session-list-page.js")).SessionListPage,
            }),
          },
          {
            path: "traffic",
            lazy: async () => ({ Component: (await import("../pages/traffic/traffic-page.js")).TrafficPage }),
          },
          {
            path: "requests",
            lazy: async () => ({
              Component: (await import("../pages/requests/requests-page.js")).RequestsPage,
            }),
          },
          { path: "*", element: <NotFoundPage /> },
        ],
      },
    ],
  },
]);
