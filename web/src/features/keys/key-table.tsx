"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";

import { useCosts } from "./data";
import { EditLimits } from "./edit-limits";
import { Revoke } from "./revoke";
import { Rotate } from "./rotate";
import { Badge, type Tone } from "@/components/badge";
import { IconButton } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Money, When } from "@/components/numbers";
import { MenuItem, Popover } from "@/components/popover";
import { DataTable } from "@/components/table";
import { write } from "@/lib/api";
import type { ApiKey, Limits } from "@/lib/contract";
import { day } from "@/lib/format";

const TONES: Record<string, Tone> = { active: "good", expired: "warn", revoked: "neutral" };

/** The keys of a project. */
export function KeyTable({ keys, project }: { keys: ApiKey[]; project: string }) {
  const [acting, setActing] = useState<{ what: "rotate" | "revoke" | "limits"; key: ApiKey }>();
  const client = useQueryClient();
  const { data: costs } = useCosts(project);
  const end = () => setActing(undefined);
  const is = (what: string) => acting?.what === what;
  return (
    <>
      <DataTable
        caption="Keys"
        rows={keys}
        rowKey={({ id }) => id}
        columns={[
          { id: "name", head: "Name", cell: ({ name }) => <b className="font-medium">{name}</b> },
          { id: "id", head: "Id", from: "md", cell: ({ id }) => <span className="font-mono text-text-2">{id}</span> },
          { id: "scope", head: "Scope", from: "sm", cell: ({ scopes }) => <Badge>{scopes?.join(", ") || "inference"}</Badge> },
          { id: "used", head: "Last used", from: "sm", cell: ({ last_use_time: time }) => (time ? <When time={time} /> : "Never") },
          { id: "limits", head: "Limits", from: "md", cell: ({ limits }) => <span className="text-text-2">{limitWords(limits)}</span> },
          {
            id: "cost",
            head: "30 days",
            right: true,
            cell: ({ id }) => costs && <Money sum usd={costs.has(id) ? costs.get(id) : 0} />,
          },
          {
            id: "state",
            head: "Status",
            cell: (key) => (
              <span className="flex items-center gap-1">
                <Badge tone={TONES[key.state ?? ""] ?? "neutral"}>{key.state}</Badge>
                {key.state === "active" && key.expire_time && <span className="text-note text-text-2">to {day(key.expire_time)}</span>}
                {key.old_secret_expire_time && <Badge tone="warn">old secret until {day(key.old_secret_expire_time)}</Badge>}
              </span>
            ),
          },
          {
            id: "more",
            head: <span className="sr-only">Actions</span>,
            right: true,
            width: "48px",
            cell: (key) =>
              key.state === "active" && (
                <Popover
                  label={`Actions for ${key.name ?? key.id}`}
                  align="end"
                  className="w-40 p-1"
                  trigger={(props) => <IconButton {...props} icon={Ellipsis} label={`Actions for ${key.name ?? key.id}`} />}
                >
                  {(close) =>
                    (["limits", "rotate", "revoke"] as const).map((what) => (
                      <MenuItem
                        key={what}
                        danger={what === "revoke"}
                        onClick={() => {
                          close();
                          setActing({ what, key });
                        }}
                      >
                        {{ limits: "Edit limits", rotate: "Rotate", revoke: "Revoke" }[what]}
                      </MenuItem>
                    ))
                  }
                </Popover>
              ),
          },
        ]}
      />
      {acting && (
        <>
          <Rotate open={is("rotate")} onClose={end} project={project} apiKey={acting.key} />
          <Revoke open={is("revoke")} onClose={end} project={project} apiKey={acting.key} />
          <Dialog open={is("limits")} onClose={end} title={`Limits of ${acting.key.name ?? acting.key.id}`}>
            <EditLimits
              limits={acting.key.limits ?? {}}
              status={acting.key.limit_status ?? []}
              about="Those of the project hold beside them"
              onSave={async (limits) => {
                await write("PATCH", `/projects/${project}/keys/${acting.key.id}`, { limits });
                await client.invalidateQueries({ queryKey: ["keys"] });
                end();
              }}
            />
          </Dialog>
        </>
      )}
    </>
  );
}

function limitWords(limits: Limits | undefined): string {
  const words = [
    limits?.requests_per_minute !== undefined && `${limits.requests_per_minute}/min`,
    limits?.tokens_per_minute !== undefined && `${limits.tokens_per_minute.toLocaleString("en-GB")} tokens/min`,
    limits?.concurrent_requests !== undefined && `${limits.concurrent_requests} at once`,
  ].filter(Boolean);
  return words.join(", ") || "None";
}
