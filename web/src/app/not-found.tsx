import Link from "next/link";

export default function NotFound() {
  return (
    <div className="mx-auto flex max-w-answer flex-col gap-2 p-8">
      <h1 className="text-title">There is no such page</h1>
      <Link href="/" className="text-accent underline">
        Go to the chat
      </Link>
    </div>
  );
}
