// GraphiQL over the session of the console: the token is asked for once and never kept by the page.
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { createElement, useState } from "react";
import { createRoot } from "react-dom/client";

const CSRF_HEADER = "x-csrf-token";
/** Where the console keeps the CSRF token of the session, which both pages share. */
const CSRF_KEY = "latchkey-csrf-token";

function createFetcher(csrfToken) {
  const url = new URL("/graphql", window.location.href);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return createGraphiQLFetcher({
    url: url.href,
    headers: { [CSRF_HEADER]: csrfToken },
    wsClient: createClient({
      url: socketUrl.href,
      connectionParams: { [CSRF_HEADER]: csrfToken },
    }),
  });
}

const FIRST_QUERY = `# The schema's documentation is behind the book on the left.
{
  apis(first: 10) {
    totalCount
    nodes {
      id
      title
      routes {
        method
        path
        integration {
          name
        }
      }
    }
  }
}
`;

function Explorer({ csrfToken }) {
  const [fetcher] = useState(() => createFetcher(csrfToken));
  return createElement(GraphiQL, { fetcher, defaultQuery: FIRST_QUERY });
}

function SignIn({ onSignedIn }) {
  const [message, setMessage] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    const response = await fetch("/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    }).catch(() => null);
    if (response?.ok) {
      const session = await response.json();
      localStorage.setItem(CSRF_KEY, session.csrfToken);
      onSignedIn(session);
    } else
      setMessage(
        response?.status === 401
          ? "This token is not known."
          : "The control plane sends an unexpected response.",
      );
  };
  return createElement(
    "form",
    { className: "sign-in", onSubmit: submit },
    createElement("h1", null, "Latchkey GraphQL"),
    createElement("label", { htmlFor: "token" }, "Admin token"),
    createElement("input", {
      id: "token",
      name: "token",
      type: "password",
      autoComplete: "off",
      autoFocus: true,
      required: true,
    }),
    createElement("button", { type: "submit" }, "Sign in"),
    createElement("p", { role: "alert" }, message),
  );
}

function Page({ session }) {
  const [current, setCurrent] = useState(session);
  return current === null
    ? createElement(SignIn, { onSignedIn: setCurrent })
    : createElement(Explorer, { csrfToken: current.csrfToken });
}

const csrfToken = localStorage.getItem(CSRF_KEY);
const headers = { accept: "application/json", [CSRF_HEADER]: csrfToken ?? "" };
const response = csrfToken === null ? null : await fetch("/session", { headers }).catch(() => null);
const session = response?.ok ? { csrfToken } : null;
createRoot(document.getElementById("page")).render(createElement(Page, { session }));
