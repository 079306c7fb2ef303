// The first-user form: the browser knows its time zone, so nobody has to look for it.
const select = document.querySelector("select[name=time_zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const untouched = document.querySelector(".errors") === null;

if (select && untouched && [...select.options].some((option) => option.value === zone)) select.value = zone;
