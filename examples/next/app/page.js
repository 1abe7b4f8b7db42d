"use client";
// A form that judges the number while it is typed, without keys, and shows what the server says.
import { useState } from "react";
import { CrmClient } from "paydunya-crm";

const crm = new CrmClient({ sender: "MaBoutique", defaultCountry: "SN" });

export default function Page() {
  const [phone, setPhone] = useState("");
  const [answer, setAnswer] = useState("");
  const { issues } = crm.check({ to: phone, text: "Votre commande est prête." }).messages[0];

  async function send(event) {
    event.preventDefault();
    const body = JSON.stringify({ phone, order: "4512" });
    const response = await fetch("/order-ready", { method: "POST", body });
    const { status, issues } = await response.json();
    setAnswer(issues ? issues[0].message : status);
  }

  return (
    <form onSubmit={send}>
      <input value={phone} onChange={({ target }) => setPhone(target.value)} placeholder="77 666 55 44" />
      <button>Prévenir</button>
      <p>{answer || (phone && issues.find(({ severity }) => severity === "error")?.message)}</p>
    </form>
  );
}
