// What every page needs: the account menu closes by Escape and by a click elsewhere, "/" goes to the search.
const account = document.querySelector(".account");

document.addEventListener("click", (event) => {
  if (account?.open && !account.contains(event.target)) account.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && account?.open) closeAccount();
  if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
  event.preventDefault();
  (document.querySelector("[data-slash]") ?? document.getElementById("quick-search"))?.focus();
});

function closeAccount() {
  account.open = false;
  account.querySelector("summary").focus();
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}
