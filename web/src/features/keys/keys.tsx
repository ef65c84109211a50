"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";

import { BudgetList } from "./budget-list";
import { CreateKey } from "./create-key";
import { CreateProject } from "./create-project";
import { useKeys, useProjects } from "./data";
import { EditLimits } from "./edit-limits";
import { KeyTable } from "./key-table";
import { Button, Segmented } from "@/components/button";
import { Empty, Page, Problem, Skeleton } from "@/components/states";
import { write } from "@/lib/api";
import { useCommands } from "@/lib/commands";
import { useCaller } from "@/lib/caller";
import type { Project } from "@/lib/contract";
import { oneOf, useAddress } from "@/lib/url";

const TABS = ["keys", "limits", "budgets"] as const;

/** Who may use the gateway, and how much. */
export function Keys() {
  const [address, go] = useAddress();
  const caller = useCaller();
  const projects = useProjects();
  const [creating, setCreating] = useState<"key" | "project">();
  const all = projects.data?.projects ?? [];
  const wanted = address.get("project") ?? caller.data?.project;
  const project = all.find(({ id }) => id === wanted) ?? all[0];
  const tab = oneOf(address.get("tab"), TABS);
  useCommands([{ id: "create-key", title: "Create key", group: "Here", run: () => setCreating("key") }]);

  return (
    <Page
      title="Keys and projects"
      actions={
        <>
          {caller.data?.all_projects && <Button onClick={() => setCreating("project")}>New project</Button>}
          {project && (
            <Button kind="primary" icon={Plus} onClick={() => setCreating("key")}>
              Create key
            </Button>
          )}
        </>
      }
    >
      {projects.isError && <Problem error={projects.error} retry={() => void projects.refetch()} />}
      {projects.isPending && <Skeleton className="h-60" />}
      {project && (
        <>
          <div className="flex flex-wrap items-center gap-3">
            <Segmented
              label="Project"
              value={project.id}
              options={all.map(({ id, name }) => ({ value: id, name: name || id }))}
              onChange={(id) => go({ project: id })}
            />
            <Segmented
              label="Part"
              value={tab}
              options={[
                { value: "keys", name: "Keys" },
                { value: "limits", name: "Limits" },
                { value: "budgets", name: "Budgets" },
              ]}
              onChange={(value) => go({ tab: value === "keys" ? undefined : value })}
            />
          </div>
          {tab === "keys" && <Table project={project} onCreate={() => setCreating("key")} />}
          {tab === "limits" && <Limits key={project.id} project={project} />}
          {tab === "budgets" && <BudgetList project={project.id} />}
          <CreateKey open={creating === "key"} onClose={() => setCreating(undefined)} project={project.id} />
        </>
      )}
      <CreateProject open={creating === "project"} onClose={() => setCreating(undefined)} onMade={(id) => go({ project: id })} />
    </Page>
  );
}

function Table({ project, onCreate }: { project: Project; onCreate: () => void }) {
  const keys = useKeys(project.id);
  if (keys.isError) {
    return <Problem error={keys.error} retry={() => void keys.refetch()} />;
  }
  if (keys.isPending) {
    return <Skeleton className="h-60" />;
  }
  if (!keys.data.keys?.length) {
    return (
      <Empty title="This project has no keys">
        <Button onClick={onCreate}>Create key</Button>
      </Empty>
    );
  }
  return <KeyTable keys={keys.data.keys} project={project.id} />;
}

function Limits({ project }: { project: Project }) {
  const client = useQueryClient();
  return (
    <EditLimits
      limits={project.limits ?? {}}
      status={project.limit_status ?? []}
      about="All keys of this project together"
      onSave={async (limits) => {
        await write("PATCH", `/projects/${project.id}`, { limits });
        await client.invalidateQueries({ queryKey: ["projects"] });
      }}
    />
  );
}
