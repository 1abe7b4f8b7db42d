"use client";
// A form that judges a message in the page: it needs no keys, and the build must find what browsers take.
import { useState } from "react";
import { CrmClient } from "paydunya-crm";

const crm = new CrmClient({ sender: "MaBoutique", defaultCountry: "SN" });

export default function Page() {
  const [to, setTo] = useState("77 666 55 4");
  const { issues } = crm.check({ to, text: "Votre commande est prête." }).messages[0];
  return (
    <main>
      <input value={to} onChange={(event) => setTo(event.target.value)} />
      <p>{issues[0]?.message}</p>
    </main>
  );
}
