"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Field, Input } from "@/components/field";
import { Problem } from "@/components/states";
import { write } from "@/lib/api";
import type { Project } from "@/lib/contract";

export function CreateProject({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (id: string) => void }) {
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  async function make(name: string) {
    try {
      const { project } = await write<{ project: Project }>("POST", "/projects", { name });
      await client.invalidateQueries({ queryKey: ["projects"] });
      onClose();
      onMade(project.id);
    } catch (fault) {
      setError(fault);
    }
  }
  return (
    <Dialog open={open} onClose={onClose} title="New project">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void make(String(new FormData(event.currentTarget).get("name")).trim());
        }}
      >
        <Field label="Name" help="Its id is made from it and never changes">
          <Input name="name" required />
        </Field>
        {error !== undefined && <Problem error={error} />}
        <Button kind="primary" type="submit">
          Create project
        </Button>
      </form>
    </Dialog>
  );
}
