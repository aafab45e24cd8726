/** The whole page: theme, session, GraphQL client, routes, messages. */
import { MantineProvider } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { RouterProvider } from "react-router";
import { Provider as GraphqlProvider } from "urql";
import { createGraphqlClient } from "../graphql/client.js";
import { forgetTries } from "../pages/try-it/try-history.js";
import { forgetReceipts } from "../receipts/receipt-store.js";
import { useSession } from "../session/use-session.js";
import { colorSchemeManager, theme } from "../theme/theme.js";
import { Toasts } from "../ui/toasts.js";
import { router } from "./router.js";

export function App() {
  return (
    // No injected styles: variables stand in tokens.css, and the page's policy allows files only.
    <MantineProvider
      theme={theme}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <GraphqlOfSession>
        <RouterProvider router={router} />
      </GraphqlOfSession>
      <Toasts />
    </MantineProvider>
  );
}

/** One client a session: what one person read is gone when they sign out. */
function GraphqlOfSession({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const owner = session.kind === "signedIn" || session.kind === "expired" ? session.generation : 0;
  const [current, setCurrent] = useState(() => ({ owner, ...createGraphqlClient() }));
  if (current.owner !== owner) setCurrent({ owner, ...createGraphqlClient() });
  useEffect(
    () => () => {
      forgetReceipts();
      forgetTries();
      current.dispose();
    },
    [current],
  );
  return <GraphqlProvider value={current.client}>{children}</GraphqlProvider>;
}
