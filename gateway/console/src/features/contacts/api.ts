import { lazy } from "react";
import type { Schemas } from "../../api/call.ts";
import { useLoaded } from "../../api/queries.ts";
import { linkOf } from "../../ui/list/link.ts";

export type Contact = Schemas["customer"]["Contact"];

/** The people at a customer, the primary one first; as many as one looks through. */
export function useContacts(customer: string): Contact[] {
  const { data } = useLoaded("customer", "list_contacts", {
    path: { customer_id: customer },
    query: { limit: 200 },
  });
  return data?.data.items ?? [];
}

/** Where a contact opens: beside the others on the customer's page. */
export function contactPath(contact: Pick<Contact, "id" | "customer_id">) {
  return linkOf(contactAddress(contact));
}

export function contactAddress({ id, customer_id }: Pick<Contact, "id" | "customer_id">): string {
  return `/customers/${customer_id}?tab=contacts&contact=${id}`;
}

/** The contacts on the page of a customer, which loads them when they are wanted. */
export const ContactsTab = lazy(() => import("./Tab.tsx"));
