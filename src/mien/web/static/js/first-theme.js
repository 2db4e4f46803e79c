// Puts the chosen theme on the page before it is painted: loaded without `defer`, unlike everything else.
document.documentElement.dataset.theme = localStorage.getItem("mien.theme") ?? "auto";
