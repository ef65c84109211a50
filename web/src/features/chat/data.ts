// Sessions and their messages, as the gateway keeps them.
import { useInfiniteQuery, useQuery, type QueryClient } from "@tanstack/react-query";

import { read } from "@/lib/api";
import type { MessagePage, Session, SessionPage, StoredMessage } from "@/lib/contract";

export function useSession(id: string) {
  return useQuery({
    queryKey: ["session", id],
    queryFn: async ({ signal }) => (await read<{ session: Session }>(`/sessions/${id}`, {}, signal)).session,
    enabled: id !== "",
  });
}

/** The messages of a path, newest page first. */
export function useMessages(id: string, leaf: string) {
  return useInfiniteQuery({
    queryKey: ["messages", id, leaf],
    queryFn: ({ pageParam, signal }) =>
      read<MessagePage>(
        `/sessions/${id}/messages`,
        { order_by: "newest", page_size: 50, page_token: pageParam, leaf_message_id: leaf },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token || undefined,
    enabled: id !== "",
    staleTime: 0,
  });
}

/** Every message of every branch. */
export async function readTree(id: string): Promise<StoredMessage[]> {
  const all: StoredMessage[] = [];
  let token: string | undefined = "";
  while (token !== undefined) {
    const query = { all_branches: true, order_by: "oldest", page_size: 1000, page_token: token };
    const page: MessagePage = await read<MessagePage>(`/sessions/${id}/messages`, query);
    all.push(...(page.messages ?? []));
    token = page.next_page_token || undefined;
  }
  return all;
}

export function useSessions(query: string) {
  return useInfiniteQuery({
    queryKey: ["sessions", "list", query],
    queryFn: ({ pageParam, signal }) => read<SessionPage>("/sessions", { query, page_size: 50, page_token: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token || undefined,
    placeholderData: (before) => before,
  });
}

/** Reads a session anew, and what is shown beside it. */
export async function refresh(client: QueryClient, id: string): Promise<void> {
  const stale = [["messages", id], ["session", id], ["sessions"], ["caller"]];
  // A first reading that is still underway may be older than what has happened, and would be taken for new.
  await Promise.all(stale.map((queryKey) => client.cancelQueries({ queryKey })));
  await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
}
