import { lazy } from "react";
import type { Schemas } from "../../api/call.ts";
import { linkOf } from "../../ui/list/link.ts";
import { useRows } from "../../ui/list/rows.ts";

export type Contact = Schemas["customer"]["Contact"];

/** As many as one looks through, read once for all places that show them. */
export const MANY = { limit: "200" };

/** The people at a customer. */
export function useContacts(customer: string): Contact[] {
  return useRows("customer", "list_contacts", { customer_id: customer }, MANY).rows as Contact[];
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
