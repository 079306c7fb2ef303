// Whoever stands at the login is nobody yet: what was kept of the person before goes.
import { forget } from "./kept.js";

forget();
